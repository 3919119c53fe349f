// “Add to the home screen”, where the browser offers it; on an iPhone, where it does not, how it is done.

let offer = null;

export function prepare() {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event;
    show("install", true);
  });
  addEventListener("appinstalled", () => show("install", false));
  for (const button of document.querySelectorAll(".install")) {
    button.addEventListener("click", async () => {
      await offer?.prompt();
      offer = null;
      show("install", false);
    });
  }
  show("install-apple", navigator.standalone === false);
}

function show(kind, isShown) {
  for (const one of document.querySelectorAll(`.${kind}`)) one.hidden = !isShown;
}
