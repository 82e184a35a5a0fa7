/* Tooltips: the pointer, or the arrow keys, read the table behind a chart. data-plot is "line", "bars" or "grid" (7 × 24). */
const tip = Object.assign(document.createElement("div"), { className: "tip", hidden: true });
tip.setAttribute("role", "status");
document.body.append(tip);
/* As charts/heatmap.py draws it: names of days on the left, hours below. */
const LEFT = 0.105, HOURS = 28;

const enhance = (plot) => {
  const svg = plot.querySelector("svg.chart"), rows = [...plot.parentElement.querySelectorAll("tbody tr")];
  if (!svg || !rows.length || plot.dataset.ready) return;
  plot.dataset.ready = "yes";
  const heads = [...plot.parentElement.querySelectorAll("thead th")].map((head) => head.textContent);
  const cells = (row) => [...rows[row].children].map((cell) => cell.textContent);
  const grid = plot.dataset.plot === "grid", size = grid ? [7, 24] : [rows.length, 1];
  let at = [0, 0];
  const place = (row, column) => {
    const box = svg.getBoundingClientRect();
    if (grid) return [box.left + box.width * (LEFT + (1 - LEFT) * (column + 0.5) / 24), box.top + (box.height - HOURS) / 7 * row - 38];
    return [box.left + box.width * (row + 0.5) / rows.length, box.top + 4];
  };
  const show = (row, column) => {
    const values = cells(row);
    tip.textContent = grid ? `${values[0]}, ${heads[column + 1]}: ${values[column + 1]} ${plot.dataset.unit}` : `${values[0]}: ` + heads.slice(1).map((head, i) => `${values[i + 1]} ${head.toLowerCase()}`).join(", ");
    tip.hidden = false;
    at = [row, column];
    const [x, y] = place(row, column), width = tip.offsetWidth;
    tip.style.left = `${Math.min(innerWidth - width - 8, Math.max(8, x - width / 2))}px`;
    tip.style.top = `${Math.max(8, y)}px`;
  };
  const hide = () => { tip.hidden = true; };
  plot.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect(), across = (event.clientX - box.left) / box.width, down = event.clientY - box.top;
    if (!grid) return show(Math.max(0, Math.min(rows.length - 1, Math.floor(across * rows.length))), 0);
    const column = Math.floor((across - LEFT) / (1 - LEFT) * 24), row = Math.floor(down / (box.height - HOURS) * 7);
    return column >= 0 && column < 24 && row >= 0 && row < 7 ? show(row, column) : hide();
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", `${svg.getAttribute("aria-label")}. ${plot.dataset.keys}`);
  plot.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return hide();
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -1e3], End: [0, 1e3] }[event.key];
    if (!step) return undefined;
    event.preventDefault();
    const [down, across] = grid ? step : [step[1] || step[0], 0];
    return show(Math.max(0, Math.min(size[0] - 1, at[0] + down)), Math.max(0, Math.min(size[1] - 1, at[1] + across)));
  });
};

const enhanceAll = () => document.querySelectorAll("[data-plot]").forEach(enhance);
enhanceAll();
document.addEventListener("renewed", () => { tip.hidden = true; enhanceAll(); });
