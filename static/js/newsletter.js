// The newsletter's form: asks for a signed time when somebody begins to fill it in, so that they need not press twice.

for (const form of document.querySelectorAll("[data-sign-up]")) {
  const stamp = form.querySelector("[data-stamp]");
  let asked = stamp.value !== "";
  form.addEventListener("focusin", async () => {
    if (asked) return;
    asked = true;
    try {
      const answer = await fetch("/newsletter/stamp", { headers: { accept: "application/json" } });
      if (answer.ok) stamp.value = (await answer.json()).stamp;
    } catch {
      // Without it, the form is shown once more.
    }
  });
}
