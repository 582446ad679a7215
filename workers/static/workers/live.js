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

  // The first click of two may have brought another button to its place.
  document.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest("form[ws-send]")) event.preventDefault();
  }, true);

  // Morphed, not swapped: a click is lost when its element is replaced between the press and the release.
  const touched = (field) => field === document.activeElement ||
    field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  const callbacks = {
    beforeNodeMorphed: (old) => !(old instanceof Element && old.hasAttribute("hx-preserve") && touched(old)),
    afterNodeAdded: (added) => { if (added instanceof Element) htmx.process(added); },
  };
  htmx.defineExtension("live", {
    // Here, and not where htmx swaps: its fragment belongs to the page, which never frees images that have no place in it.
    transformResponse: (html) => {
      const pushed = document.createElement("template");
      pushed.innerHTML = html;
      for (const element of [...pushed.content.children]) {
        const target = document.getElementById(element.id);
        if (!target || element.hasAttribute("hx-swap-oob")) continue;
        Idiomorph.morph(target, element, { callbacks });
        element.remove();
      }
      return pushed.innerHTML;
    },
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
