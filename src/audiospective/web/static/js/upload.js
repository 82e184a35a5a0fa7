/* Uploads with progress, then follows the import until it has ended. Without this file the form posts and the page shows the rest. */
const { json, renew, toast, wait } = audiospective;
const form = document.querySelector("[data-upload]");
const isUnderWay = (state) => ["queued", "running"].includes(state);

/* To its end, which is told, however soon it comes. */
const follow = async (id) => {
  for (;;) {
    const found = await json(`/api/imports/${id}`).catch(() => null);
    await renew("imports", "imports-head");
    const now = document.querySelector(`[data-import="${id}"]`);
    if (!now) return;
    if (found && !isUnderWay(found.state)) return toast(found.state === "done" ? now.dataset.told : found.message);
    await wait(700);
  }
};

const rehearse = form?.querySelector("[data-rehearse]");

const show = (page) => {
  const parts = new DOMParser().parseFromString(page, "text/html");
  document.querySelector("[data-live=imports]").replaceWith(parts.querySelector("[data-live=imports]"));
  document.querySelector("#foretold-title")?.focus();
};

const send = (files) => {
  const problem = form.querySelector("[data-problem]"), sending = form.querySelector("[data-sending]");
  const bar = sending.querySelector("progress"), words = sending.querySelector("[data-sent]");
  const data = new FormData();
  for (const file of files) data.append("file", file, file.name);
  problem.hidden = true;
  sending.hidden = false;
  const request = new XMLHttpRequest();
  const rehearsing = rehearse.getAttribute("aria-pressed") === "true";
  request.open("POST", rehearsing ? rehearse.formAction : form.action);
  request.setRequestHeader("Accept", rehearsing ? "text/html" : "application/json");
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = (event.loaded / event.total) * 100;
    words.textContent = `${Math.round(event.loaded / 1048576)} / ${Math.max(1, Math.round(event.total / 1048576))} MB`;
  });
  request.addEventListener("loadend", async () => {
    sending.hidden = true;
    form.reset();
    if (rehearsing && request.status === 200) return show(request.responseText);
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* no answer at all */ }
    if (request.status === 202) return follow(answer.import_id);
    if (rehearsing) answer = { message: new DOMParser().parseFromString(request.responseText, "text/html").querySelector(".fault h1 + p")?.textContent };
    problem.textContent = answer.message ?? problem.dataset.broken;
    problem.hidden = false;
    problem.scrollIntoView({ block: "nearest" });
  });
  request.send(data);
};

if (form) {
  form.querySelector("[data-submit]").hidden = true;
  for (const one of form.querySelectorAll("[data-script-only]")) one.hidden = false;
  form.addEventListener("change", (event) => { if (event.target.files?.length) send([...event.target.files].filter((file) => /\.(json|jsonl|zip|csv)$/i.test(file.name) || event.target.files.length === 1)); });
  form.addEventListener("submit", (event) => event.preventDefault());
  rehearse.addEventListener("click", () => {
    const on = rehearse.getAttribute("aria-pressed") !== "true";
    rehearse.setAttribute("aria-pressed", on);
    form.querySelector("[data-said]").textContent = on ? rehearse.dataset.on : rehearse.dataset.off;
  });
  for (const name of ["dragenter", "dragover"]) form.addEventListener(name, (event) => { event.preventDefault(); form.dataset.over = ""; });
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => delete form.dataset.over);
  form.addEventListener("drop", (event) => { event.preventDefault(); if (event.dataTransfer.files.length) send([...event.dataTransfer.files]); });
  const now = document.querySelector("[data-import]");
  if (now && isUnderWay(now.dataset.state)) follow(now.dataset.import);
}

document.addEventListener("submit", async (event) => {
  const undo = event.target.closest("[data-undo]"), button = undo?.querySelector("button");
  if (!undo) return;
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true"); // and keeps the focus
  try {
    const found = await json(undo.action, { method: "POST" });
    await renew("imports", "imports-head");
    toast(undo.dataset.undone);
  } catch (error) {
    toast(error.message);
    button.removeAttribute("aria-disabled");
  }
});
