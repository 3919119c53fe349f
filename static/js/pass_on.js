// A newsletter's page: the device's own way to share, and a button that copies the address. Plain links work without.
const said = document.querySelector("[data-said]");

const share = document.querySelector("[data-share]");
if (share && navigator.share) {
  share.hidden = false;
  const button = share.querySelector("button");
  button.addEventListener("click", () => {
    navigator.share({ title: button.dataset.title, url: button.dataset.address }).catch(() => {});
  });
}

const copy = document.querySelector("[data-copy]");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  const button = copy.querySelector("button");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.address);
    button.textContent = said.textContent = button.dataset.done;
  });
}
