/* An export with progress: the file is gathered and then kept by the browser, so that one that broke off is never taken for a whole one. */
const shown = (value, digits = 0) => value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });

const take = async (form) => {
  const now = form.querySelector("[data-exporting]"), words = form.querySelector("[data-exported]"), problem = form.querySelector("[data-problem]");
  const button = form.querySelector("[type=submit]"), bar = now.querySelector("progress");
  if (button.getAttribute("aria-disabled") === "true") return;
  const asked = new URLSearchParams(new FormData(form));
  now.hidden = bar.hidden = false;
  problem.hidden = true;
  button.setAttribute("aria-disabled", "true"); // and keeps the focus
  words.textContent = "…";
  try {
    const answer = await fetch(`${form.action}?${asked}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error((await answer.json()).message);
    const plays = shown(Number(answer.headers.get("X-Exported-Plays"))), name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))[1];
    const reader = answer.body.getReader(), pieces = [];
    for (let bytes = 0; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      bytes += value.length;
      words.textContent = form.dataset.soFar.replace("{n}", plays).replace("{m}", shown(bytes / 1e6, 1));
    }
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob(pieces)), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    bar.hidden = true;
    words.textContent = `${name}: ${words.textContent}`; // here, since what lies behind a dialog is neither seen nor read aloud
  } catch (error) {
    problem.textContent = error instanceof TypeError ? form.dataset.broke : error.message;
    problem.hidden = false;
    now.hidden = true;
  }
  button.removeAttribute("aria-disabled");
};

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-export]");
  if (!form) return;
  event.preventDefault();
  take(form);
});
