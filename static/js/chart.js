// Tells each column's figures on hover, touch and arrow keys. Without it the columns' own titles do.

// Moves what the columns' titles say out of the browser's own reach.
const prepare = (page) => {
  for (const plot of page.querySelectorAll("[data-chart] .plot")) {
    plot.setAttribute("tabindex", "0");
    for (const title of plot.querySelectorAll(".column > title")) {
      title.parentElement.dataset.tip = title.textContent;
      title.remove();
    }
  }
};

const columnsOf = (figure) => [...figure.querySelectorAll(".column")];

const activeOf = (figure) => columnsOf(figure).findIndex((column) => column.matches(".is-active"));

const show = (figure, index) => {
  const tip = figure.querySelector(".tip");
  const frame = figure.querySelector(".frame");
  const columns = columnsOf(figure);
  for (const column of columns) column.classList.remove("is-active");
  const column = columns[index];
  tip.hidden = !column;
  if (!column) return;
  column.classList.add("is-active");
  const [range, rest] = column.dataset.tip.split(": ");
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

// Listens on the document, so that a chart may take the place of another. Events that stay where they are come by the
// way down.
const onPlot = (type, react) => {
  const listen = (event) => {
    const plot = event.target.closest?.("[data-chart] .plot");
    if (plot) react(event, plot.closest("[data-chart]"), plot);
  };
  document.addEventListener(type, listen, true);
};

const point = (event, figure) => {
  show(figure, columnsOf(figure).findIndex((column) => column.contains(event.target)));
};

prepare(document);
onPlot("pointermove", point);
onPlot("pointerdown", point);
onPlot("pointerout", (event, figure, plot) => {
  if (event.pointerType === "mouse" && !plot.contains(event.relatedTarget)) show(figure, -1);
});
onPlot("blur", (event, figure) => show(figure, -1));
onPlot("keydown", (event, figure) => {
  const active = activeOf(figure);
  const last = columnsOf(figure).length - 1;
  const next = {
    ArrowRight: Math.min(active + 1, last),
    ArrowLeft: active < 0 ? last : Math.max(active - 1, 0),
    Home: 0,
    End: last,
    Escape: -1,
  }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  show(figure, next);
});

// When figures change, live.js hands over the page that is about to take the place of this one, and says when it has.
let told = [];
document.addEventListener("figures:coming", (event) => {
  prepare(event.detail);
  told = [...document.querySelectorAll("[data-chart]")].map((figure) => [figure, activeOf(figure)]);
});
document.addEventListener("figures:changed", () => {
  for (const [figure, index] of told) if (figure.isConnected && index >= 0) show(figure, index);
});
