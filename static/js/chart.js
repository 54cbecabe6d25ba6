// Tells each column's figures on hover, touch and arrow keys. Without it the columns' own titles do.

for (const figure of document.querySelectorAll("[data-chart]")) {
  const plot = figure.querySelector(".plot");
  const tip = figure.querySelector(".tip");
  const frame = figure.querySelector(".frame");
  const columns = [...plot.querySelectorAll(".column")];
  const texts = columns.map((column) => {
    const title = column.querySelector("title");
    const text = title.textContent;
    title.remove();
    return text;
  });
  let active = -1;

  const show = (index) => {
    columns[active]?.classList.remove("is-active");
    active = index;
    const column = columns[active];
    tip.hidden = !column;
    if (!column) return;
    column.classList.add("is-active");
    const [range, rest] = texts[active].split(": ");
    const name = document.createElement("b");
    name.textContent = range;
    tip.replaceChildren(name, rest);
    const box = frame.getBoundingClientRect();
    const bar = column.querySelector(".bar").getBoundingClientRect();
    const middle = bar.left - box.left + bar.width / 2;
    const left = Math.max(0, Math.min(middle - tip.offsetWidth / 2, box.width - tip.offsetWidth));
    const top = Math.max(0, bar.top - box.top - tip.offsetHeight - 8);
    tip.style.transform = `translate(${left}px, ${top}px)`;
  };

  const under = (event) => columns.findIndex((column) => column.contains(event.target));

  plot.tabIndex = 0;
  plot.addEventListener("pointermove", (event) => show(under(event)));
  plot.addEventListener("pointerdown", (event) => show(under(event)));
  plot.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") show(-1);
  });
  plot.addEventListener("blur", () => show(-1));
  plot.addEventListener("keydown", (event) => {
    const last = columns.length - 1;
    const next = {
      ArrowRight: Math.min(active + 1, last),
      ArrowLeft: active < 0 ? last : Math.max(active - 1, 0),
      Home: 0,
      End: last,
      Escape: -1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(next);
  });
}
