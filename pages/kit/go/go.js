/* Takes the browser to an address of ours: what a cookie is set on has to be a page of its own. */
export default function mount({ data }) {
  if (data.to.startsWith("/") && !data.to.startsWith("//")) window.location.replace(data.to);
}
