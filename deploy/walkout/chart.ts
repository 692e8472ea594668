/** How many carts come out right against how many people are in the store, as an SVG. */

export interface Point {
  readonly people: number;
  readonly trips: number;
  readonly exact: number;
  readonly review: number;
  readonly confident_wrong: number;
}

const WIDTH = 640, HEIGHT = 360, LEFT = 60, RIGHT = 20, TOP = 50, BOTTOM = 50;

const kinds = [
  { name: "exactly right", of: ({ exact }: Point) => exact, colour: "#1f6f8b" },
  { name: "to a person", of: ({ review }: Point) => review, colour: "#b3832a" },
  { name: "wrong, unknown", of: (point: Point) => point.confident_wrong, colour: "#b3332a" },
];

export function crowdingPlot(points: readonly Point[], trips: number): string {
  const most = Math.max(...points.map(({ people }) => people));
  const x = (people: number) => LEFT + people / most * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  const text = (at: number, down: number, words: string, anchor = "middle") =>
    `<text x="${at.toFixed(1)}" y="${down.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(share)}" y2="${y(share)}" stroke="#ddd"/>`,
    text(LEFT - 8, y(share) + 4, `${share * 100} %`, "end"),
  ]);
  const curves = kinds.flatMap(({ of, colour, name }, index) => {
    const along = points.map((point) => {
      const at = x(point.people).toFixed(1);
      return `${at},${y(of(point) / point.trips).toFixed(1)}`;
    });
    const legend = LEFT + 10 + index * 150;
    return [
      `<polyline points="${along.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<rect x="${legend}" y="30" width="12" height="4" fill="${colour}"/>`,
      text(legend + 18, 36, name, "start"),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(WIDTH / 2, 18, `Carts of a walk-out store, ${trips} trips for each crowd`),
    ...grid,
    ...points.map(({ people }) => text(x(people), HEIGHT - BOTTOM + 18, String(people))),
    text(WIDTH / 2, HEIGHT - 10, "people at once on some 51 square metres"),
    ...curves,
    "</svg>\n",
  ].join("\n");
}
