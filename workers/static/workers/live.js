// What htmx's ws extension leaves to the page: without an open socket its forms go the ordinary way, a server that is
// back is found within seconds, what a push leaves as it was stays the same element, and the focus keeps its place.
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

  // Morphed, not swapped: a click is lost when its element is replaced between the press and the release.
  const morphing = {
    beforeNodeMorphed: (old) => !(old instanceof Element && old.hasAttribute("hx-preserve")),
    afterNodeAdded: (added) => { if (added instanceof Element) htmx.process(added); },
  };
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const pushed = event.detail.fragment.firstElementChild;
    // Else it is for the inside of its target.
    if (!pushed || pushed.id !== event.detail.target.id) return;
    event.detail.shouldSwap = false;
    Idiomorph.morph(event.detail.target, pushed, { callbacks: morphing });
  });

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
