/* A button that copies a link; without this file the link can be selected as it stands. */
const { toast } = audiospective;
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(document.querySelector(".toasts").dataset.copied);
  });
}
