/* One toast at a time; it waits while it is looked at or has the focus. */
const box = document.querySelector(".toasts");
let timer;

globalThis.audiospective ??= {};
audiospective.toast = (words, seconds = 6) => {
  const toast = Object.assign(document.createElement("div"), { className: "toast" });
  toast.append(Object.assign(document.createElement("span"), { textContent: words }));
  const arm = () => { clearTimeout(timer); timer = setTimeout(() => toast.remove(), seconds * 1000); };
  for (const stay of ["pointerenter", "focusin"]) toast.addEventListener(stay, () => clearTimeout(timer));
  for (const go of ["pointerleave", "focusout"]) toast.addEventListener(go, arm);
  box.replaceChildren(toast);
  arm();
};
