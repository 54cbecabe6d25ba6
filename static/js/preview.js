// Keeps the preview in step while one types: the server renders what the form holds, and what is shown changes in place, so
// that it stays where it was scrolled to.

for (const form of document.querySelectorAll("[data-editor]")) {
  const frame = document.querySelector("iframe[name=preview]");
  if (!frame) continue;
  const wide = matchMedia("(min-width: 60rem)");
  let asking;
  let timer;
  let shown = null;

  const show = async () => {
    clearTimeout(timer);
    const data = new FormData(form);
    for (const name of ["revision", "working_copy", "revision_name"]) data.delete(name);
    const now = new URLSearchParams(data).toString();
    if (now === shown) return;
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(form.dataset.previewAt ?? "/admin/articles/preview", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: now,
        redirect: "manual",
        signal: asking.signal,
      });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [from, to] = [page.querySelector("main"), frame.contentDocument?.querySelector("main")];
      if (!answer.ok || !from || !to) return;
      to.replaceChildren(...from.childNodes);
      to.className = from.className;
      shown = now;
    } catch {
      // The next keystroke tries again.
    }
  };
  const soon = () => {
    if (!wide.matches) return;
    clearTimeout(timer);
    timer = setTimeout(show, 500);
  };

  form.addEventListener("input", soon);
  frame.addEventListener("load", soon);
  // On a narrow screen the preview stands below: the button shows it.
  form.querySelector("[data-preview]").addEventListener("click", (event) => {
    event.preventDefault();
    show();
    frame.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth", block: "start" });
  });
  if (form.hasAttribute("data-unsaved")) soon();
}
