/* Takes the browser to an address of ours: what a cookie is set on has to be a page of its own.
   Or keeps a choice in a cookie for a year, for boot.js to find. */
export default function mount({ data }) {
  if (data.name) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${data.name}=${encodeURIComponent(data.value)}; Max-Age=31536000; Path=/; SameSite=Lax${secure}`;
    if (data.name === "accord_language") document.documentElement.lang = data.value === "zh_CN" ? "zh-CN" : "en";
    if (data.anew) location.reload();
  }
  if (data.to && data.to.startsWith("/") && !data.to.startsWith("//")) location.replace(data.to);
}
