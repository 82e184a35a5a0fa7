/* Menus close by Escape and by a click elsewhere. */
const open = () => document.querySelectorAll("details.menu[open], details.pick-more[open]");
document.addEventListener("click", (event) => open().forEach((menu) => menu.contains(event.target) || (menu.open = false)));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") open().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});
