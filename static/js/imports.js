// The import screen: says at once that a file is too large, and keeps the progress of a job in step.

for (const form of document.querySelectorAll("[data-upload]")) {
  const input = form.querySelector("[type=file]");
  const problem = form.querySelector("#file-problem");
  const most = Number(form.dataset.upload);
  const check = () => {
    const file = input.files[0];
    const isTooLarge = file && file.size > most;
    problem.hidden = !isTooLarge;
    problem.textContent = isTooLarge
      ? `The file is larger than ${Math.floor(most / 2 ** 20)} MB, which is the most that can be uploaded here.`
      : "";
    if (isTooLarge) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    return !isTooLarge;
  };
  input.addEventListener("change", check);
  form.addEventListener("submit", (event) => {
    if (!check()) {
      event.preventDefault();
      input.focus();
      return;
    }
    form.querySelector("[data-uploading]").hidden = false;
    form.querySelector("button").disabled = true;
  });
  addEventListener("pageshow", () => {
    form.querySelector("[data-uploading]").hidden = true;
    form.querySelector("button").disabled = false;
  });
}

for (const progress of document.querySelectorAll("[data-progress]")) {
  const bar = progress.querySelector("progress");
  const status = progress.querySelector("[data-status]");
  const look = async () => {
    try {
      const answer = await fetch(progress.dataset.progress, { headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const job = await answer.json();
      if (job.state !== progress.dataset.state) {
        location.reload();
        return;
      }
      bar.value = job.percent;
      status.textContent = job.status;
      setTimeout(look, 1000);
    } catch {
      // The site is being started anew, or the session is over: a page tells.
      setTimeout(look, 5000);
    }
  };
  setTimeout(look, 1000);
}
