// Buttons that copy a field's text. Without this the fields are there to select by hand.
const said = document.getElementById("copied");

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const words = button.firstChild.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // pages without https have no clipboard of their own
    }
    button.firstChild.textContent = said.textContent = button.dataset.done;
    setTimeout(() => { button.firstChild.textContent = words; said.textContent = ""; }, 2500);
  });
}
