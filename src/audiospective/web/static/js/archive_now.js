/* Archive now: pressed, disabled, the reel turns; done, a toast, and the numbers renew in place. Pressed twice, one effect.
   However it ends (done, failed, no answer), the button can be pressed again. */
const { json, renew, toast, wait } = audiospective;

const settle = async (words) => {
  toast(words);
  await renew().catch(() => false);
  for (const button of document.querySelectorAll("[data-archive-form]:not([aria-busy]) button")) {
    button.removeAttribute("aria-disabled");
    button.dataset.state = "";
    button.querySelector("b").textContent = button.dataset.idle;
  }
};

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-archive-form]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button"), [head, line] = [form.querySelector("b"), form.querySelector("small")];
  if (button.getAttribute("aria-disabled") === "true") return;
  form.setAttribute("aria-busy", "true"); // until the answer is here, nothing renews this part: the server doesn't know of it yet
  button.setAttribute("aria-disabled", "true");
  button.dataset.state = "running";
  head.textContent = button.dataset.busy;
  const said = line.textContent;
  line.textContent = button.dataset.soon;
  const ask = (address, options) => json(address, { signal: AbortSignal.timeout(30000), ...options });
  const settled = (words) => { form.removeAttribute("aria-busy"); line.textContent = said; return settle(words); };
  try {
    let found = await ask(form.action, { method: "POST" });
    for (let tries = 0; ["queued", "running"].includes(found.state) && tries < 90; tries++) {
      await wait(tries < 10 ? 400 : 1000);
      found = await ask("/api/archive/status");
    }
    await settled(found.message || button.dataset.slow);
  } catch (error) {
    await settled(error.message);
  }
});

/* A page that shows a sweep which it didn't ask for (it was opened or renewed while one ran) finishes with it. */
let following = false;
const follow = async () => {
  const running = document.querySelector('[data-archive-form]:not([aria-busy]) [data-state="running"]');
  if (!running || following) return;
  following = true;
  let found = null;
  for (let tries = 0; tries < 60 && (!found || ["queued", "running"].includes(found.state)); tries++) {
    await wait(1000);
    found = await json("/api/archive/status").catch(() => null);
  }
  await settle(found?.message || running.dataset.slow);
  following = false;
};
document.addEventListener("renewed", follow);
follow();
