// Lets the share list copy the page's address, and close by Escape or a click elsewhere.

for (const share of document.querySelectorAll("[data-share]")) {
  const copy = share.querySelector("[data-copy]");
  const summary = share.querySelector("summary");
  if (navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(copy.dataset.copy);
        copy.textContent = "Copied";
      } catch {
        copy.textContent = copy.dataset.copy;
      }
    });
  }
  share.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && share.open) {
      share.open = false;
      summary.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!share.contains(event.target)) share.open = false;
  });
}
