// Selects a text that is there to be copied, and copies it by a button.

for (const field of document.querySelectorAll("input[data-copy]")) {
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue;
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: "Copy" });
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Copy it by hand";
    }
  });
  field.after(button);
}
