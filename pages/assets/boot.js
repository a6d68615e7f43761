// Runs before Streamlit's own scripts. A file and not inline, so that the content security policy
// needs no exception for it.
(() => {
  const origin = location.origin + "/";
  // Without this the front end first asks /<page>/_stcore/health, gets 404 and waits before it tries "/":
  // 150 ms on every reload of a page (measured).
  window.__streamlit = {
    BACKEND_BASE_URL: origin,
    MAIN_PAGE_BASE_URL: origin,
    HOST_CONFIG: { allowedOrigins: [location.origin], useExternalAuthToken: false },
  };
  const cookie = (name) => (document.cookie.match(new RegExp("(?:^|; )" + name + "=([^;]*)")) || [])[1];
  const wanted = cookie("accord_theme");
  const chosen = wanted === "dark" || wanted === "light" ? wanted : null; // else as the system has it
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const key = "stActiveTheme-" + location.pathname + "-v2";
  try {
    if (chosen) localStorage.setItem(key, JSON.stringify(dark ? "Dark" : "Light"));
    else localStorage.removeItem(key);
  } catch { /* without storage the system's scheme decides */ }
  const root = document.documentElement;
  const show = (isDark) => {
    root.dataset.theme = isDark ? "dark" : "light";
    root.style.colorScheme = isDark ? "dark" : "light";
  };
  show(dark);
  if (!chosen) matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => show(event.matches));
  // A toast of Streamlit's says that an element names it, and there is none: its own words do.
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        const toast = node.querySelector?.('[data-testid="stToast"]') ?? (node.dataset?.testid === "stToast" ? node : null);
        if (!toast || document.getElementById(toast.getAttribute("aria-labelledby"))) continue;
        toast.removeAttribute("aria-labelledby");
        toast.setAttribute("aria-label", toast.textContent);
      }
    }
  }).observe(root, { childList: true, subtree: true });
  root.lang = cookie("accord_language") === "zh_CN" ? "zh-CN" : "en";
})();
