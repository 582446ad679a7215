// What htmx's ws extension leaves to the page: without an open socket its forms go the ordinary way, a server that is
// back is found within seconds, and the focus stays where it was when the element that had it is swapped.
(() => {
  // The extension's own waits grow to a minute. Apart, so that not all pages come back in the same moment.
  htmx.config.wsReconnectDelay = (tries) => 1000 * Math.min(2 ** tries, 8) * (0.5 + Math.random() / 2);

  let open = false;
  let focused = [];

  const follow = (follows) => {
    open = follows;
    const lost = document.getElementById("live-lost");
    if (lost) lost.hidden = follows;
  };
  document.addEventListener("htmx:wsOpen", () => follow(true));
  document.addEventListener("htmx:wsClose", () => follow(false));

  // The extension would keep what is sent until the socket opens again, which may be never.
  document.addEventListener("submit", (event) => { if (!open) event.stopPropagation(); }, true);

  document.addEventListener("htmx:wsBeforeMessage", () => {
    focused = [];
    for (let element = document.activeElement; element; element = element.parentElement) {
      if (element.id) focused.push(element.id);
    }
  });
  document.addEventListener("htmx:wsAfterMessage", () => {
    if (document.activeElement && document.activeElement !== document.body) return;
    // Its button may be gone; then the row keeps the keyboard's place.
    const heir = focused.map((id) => document.getElementById(id)).find((element) => element);
    if (heir) heir.focus({ preventScroll: true });
  });
})();
