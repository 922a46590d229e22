// The wall: ?tv=1 shows the page large, without controls, and keeps the screen awake.

const search = new URLSearchParams(location.search);

/** Whether the page hangs on a wall. */
export const onWall = search.get("tv") === "1";

/** The same page on the wall, or back. */
export function turned() {
  const next = new URLSearchParams(search);
  if (onWall) next.delete("tv");
  else next.set("tv", "1");
  return next.size ? `${location.pathname}?${next}` : location.pathname;
}

/** Sets the page up for a wall if it hangs on one; Escape takes it down. */
export function hang() {
  if (!onWall) return;
  document.documentElement.dataset.tv = "";
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]"))
      location.assign(turned());
  });
  addEventListener("visibilitychange", wake);
  wake();
}

/** A lock is lost when the page is hidden, and some browsers have none; both are fine. */
function wake() {
  if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
}
