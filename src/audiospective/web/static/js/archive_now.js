/* Archive now: pressed, disabled, the reel turns; done, a toast, and the numbers renew in place. Pressed twice, one effect. */
const { json, renew, toast, wait } = audiospective;

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-archive-form]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button"), [head, line] = [form.querySelector("b"), form.querySelector("small")];
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  button.dataset.state = "running";
  head.textContent = button.dataset.busy;
  line.textContent = button.dataset.soon;
  try {
    let found = await json(form.action, { method: "POST" });
    for (let tries = 0; ["queued", "running"].includes(found.state) && tries < 90; tries++) {
      await wait(tries < 10 ? 400 : 1000);
      found = await json("/api/archive/status");
    }
    toast(found.message || button.dataset.slow);
    await renew();
  } catch (error) {
    toast(error.message);
    button.removeAttribute("aria-disabled");
    button.dataset.state = "";
    head.textContent = button.dataset.idle;
  }
});

/* A page that was opened while a sweep runs finishes with it. */
const running = document.querySelector('[data-live] .archive[data-state="running"]');
if (running) (async () => {
  for (let tries = 0; tries < 60; tries++) {
    await wait(1000);
    const found = await json("/api/archive/status").catch(() => null);
    if (found && !["queued", "running"].includes(found.state)) { toast(found.message); await renew(); return; }
  }
})();
