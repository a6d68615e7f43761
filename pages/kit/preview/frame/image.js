/* A picture. How large it becomes is read from its first bytes: a small file can hold a huge one. */
const LARGEST = 120_000_000; // pixels; each takes four bytes
const TYPES = [[[0x89, 0x50, 0x4e, 0x47], "image/png"], [[0xff, 0xd8, 0xff], "image/jpeg"], [[0x47, 0x49, 0x46], "image/gif"], [[0x52, 0x49, 0x46, 0x46], "image/webp"]];

export async function draw(content, { element, words }) {
  const bytes = new Uint8Array(content);
  const type = TYPES.find(([signature]) => signature.every((byte, index) => bytes[index] === byte))?.[1];
  const [width, height] = measured(new DataView(content), type);
  if (!type || !width || !height) throw Object.assign(new Error("no picture"), { why: "unreadable" });
  if (width * height > LARGEST) throw Object.assign(new Error("too many pixels"), { why: "pixels" });
  const picture = element("img", "picture");
  picture.alt = words.picture;
  picture.src = URL.createObjectURL(new Blob([content], { type }));
  await picture.decode().catch(() => {
    throw Object.assign(new Error("not decoded"), { why: "unreadable" });
  });
  const box = element("main", "pictures");
  box.appendChild(picture);
  document.body.appendChild(box);
  const natural = picture.naturalWidth;
  return {
    pages: [picture], width: natural, largest: Math.min(1, (innerHeight - 40) / picture.naturalHeight) || 1,
    zoom(factor) {
      picture.style.width = `${natural * factor}px`;
    },
  };
}

function measured(data, type) {
  try {
    if (type === "image/png") return [data.getUint32(16), data.getUint32(20)];
    if (type === "image/gif") return [data.getUint16(6, true), data.getUint16(8, true)];
    if (type === "image/webp") return webp(data);
    for (let at = 2; at < data.byteLength; ) {
      const marker = data.getUint16(at);
      if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) return [data.getUint16(at + 7), data.getUint16(at + 5)];
      at += marker === 0xffff ? 1 : 2 + data.getUint16(at + 2);
    }
  } catch {
    return [0, 0];
  }
  return [0, 0];
}

function webp(data) {
  const kind = String.fromCharCode(...[12, 13, 14, 15].map((at) => data.getUint8(at)));
  if (kind === "VP8X") return [1 + (data.getUint32(24, true) & 0xffffff), 1 + (data.getUint32(27, true) & 0xffffff)];
  if (kind === "VP8L") {
    const bits = data.getUint32(21, true);
    return [1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff)];
  }
  return [data.getUint16(26, true) & 0x3fff, data.getUint16(28, true) & 0x3fff];
}
