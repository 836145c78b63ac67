// A base map in GCJ-02 (Amap's, Tencent's) under true coordinates. Not our overlays but its tiles are moved, each drawn anew
// from the up to four that lie under it: clicks, links and everything that is read off stay in CGCS2000. The offset waves a
// little, some metres within 15 km, so that a tile is laid in patches: what is left is below a fifth of a pixel.
const AXIS_M = 6378245, ECCENTRICITY2 = 0.00669342162296594323; // Krasovsky 1940
const TILE = 256, PATCHES = 4, PATCH = TILE / PATCHES, KEPT = 96;

// The offset as geo/offset.c has it; a test holds the two together.
export function gcj02([lon, lat]) {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
  const x = lon - 105, y = lat - 35, root = Math.sqrt(Math.abs(x)), wave = (a, of) => a * Math.sin(of * Math.PI);
  const thirds = (...parts) => (parts.reduce((a, b) => a + b, 0) * 2) / 3;
  const common = thirds(wave(20, 6 * x), wave(20, 2 * x));
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common + thirds(wave(20, y), wave(40, y / 3), wave(160, y / 12), wave(320, y / 30));
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common + thirds(wave(20, x), wave(40, x / 3), wave(150, x / 12), wave(300, x / 30));
  const latitude = (lat * Math.PI) / 180, magic = 1 - ECCENTRICITY2 * Math.sin(latitude) ** 2, degrees = 180 / Math.PI;
  return [lon + (east * degrees) / ((AXIS_M / Math.sqrt(magic)) * Math.cos(latitude)), lat + (north * degrees) / ((AXIS_M * (1 - ECCENTRICITY2)) / magic ** 1.5)];
}

const placeOf = (z, x, y) => [(x / 2 ** z) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI];
const tileOf = (z, [lon, lat]) => [((lon + 180) / 360) * 2 ** z, ((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * 2 ** z];

// What of the shifted map lies under a part of a tile: two corners, in tiles of the shifted map.
function under(z, x, y, size = 1) {
  return [tileOf(z, gcj02(placeOf(z, x, y))), tileOf(z, gcj02(placeOf(z, x + size, y + size)))];
}

// A source of such tiles: template like "https://…/{z}/{x}/{y}.png" → async (z, x, y) => ImageBitmap. What does not come is left out.
export function shiftedTiles(template) {
  const kept = new Map();
  const read = async (z, x, y) => {
    const response = await fetch(template.replace('{z}', z).replace('{x}', x).replace('{y}', y));
    if (!response.ok) throw new Error(`${response.status}`);
    return createImageBitmap(await response.blob());
  };
  const tile = (z, x, y) => {
    const name = `${z}/${x}/${y}`;
    const found = kept.get(name) || read(z, x, y).catch(() => { kept.delete(name); return null; });
    kept.delete(name);
    kept.set(name, found); // the newest last
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    return found;
  };
  return async (z, x, y) => {
    const [from, to] = under(z, x, y), [left, top] = from.map(Math.floor);
    const wide = Math.floor(to[0]) - left + 1, high = Math.floor(to[1]) - top + 1;
    // first whole tiles side by side, then parts of them: no seams
    const sheet = new OffscreenCanvas(wide * TILE, high * TILE), paper = sheet.getContext('2d');
    const cells = Array.from({ length: wide * high }, (_, i) => [i % wide, Math.floor(i / wide)]);
    await Promise.all(cells.map(async ([i, j]) => {
      const image = await tile(z, left + i, top + j);
      if (image) paper.drawImage(image, i * TILE, j * TILE, TILE, TILE);
    }));
    const out = new OffscreenCanvas(TILE, TILE), c = out.getContext('2d');
    for (let i = 0; i < PATCHES; i++) for (let j = 0; j < PATCHES; j++) {
      const [a, b] = under(z, x + i / PATCHES, y + j / PATCHES, 1 / PATCHES);
      c.drawImage(sheet, (a[0] - left) * TILE, (a[1] - top) * TILE, (b[0] - a[0]) * TILE, (b[1] - a[1]) * TILE, i * PATCH, j * PATCH, PATCH, PATCH);
    }
    return out.transferToImageBitmap();
  };
}
