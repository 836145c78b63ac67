// One place for the name of an area: where a line at the height of its centre is longest inside. A name that hung on the area
// itself would be drawn once for each tile that the area lies in.
function middle(ring) {
  let area = 0, y = 0;
  for (let i = 0; i < ring.length - 1; i++) {
    const [x0, y0] = ring[i], [x1, y1] = ring[i + 1];
    const piece = x0 * y1 - x1 * y0;
    area += piece;
    y += (y0 + y1) * piece;
  }
  return { area: Math.abs(area), y: area ? y / (3 * area) : ring[0][1] };
}

export function labelPoint(geometry) {
  const polygons = { Polygon: [geometry.coordinates], MultiPolygon: geometry.coordinates }[geometry.type];
  if (!polygons?.length) return null;
  const [largest] = polygons.map((rings) => ({ rings, ...middle(rings[0]) })).sort((a, b) => b.area - a.area);
  const crossings = [];
  for (const ring of largest.rings) {
    for (let i = 0; i < ring.length - 1; i++) {
      const [x0, y0] = ring[i], [x1, y1] = ring[i + 1];
      if ((y0 <= largest.y) !== (y1 <= largest.y)) crossings.push(x0 + ((largest.y - y0) / (y1 - y0)) * (x1 - x0));
    }
  }
  crossings.sort((a, b) => a - b);
  let [from, to] = crossings;
  for (let i = 2; i + 1 < crossings.length; i += 2) if (crossings[i + 1] - crossings[i] > to - from) [from, to] = [crossings[i], crossings[i + 1]];
  return crossings.length < 2 ? null : [(from + to) / 2, largest.y];
}
