/* A link with data-dialog shows the part of its page that the selector names in a dialog; without this file it leads to that page. */
async function show(link) {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(link.dataset.dialog);
  if (!answer.ok || !part) { location.href = link.href; return; }
  const dialog = document.createElement("dialog");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-s dialog-close", textContent: document.querySelector(".toasts").dataset.close });
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", part.getAttribute("aria-labelledby"));
  button.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
  dialog.append(document.importNode(part, true), button);
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-dialog]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(link).catch(() => { location.href = link.href; });
});
