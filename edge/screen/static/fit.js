// How the lanes' tiles share the room, so that the smallest is as large as it can be.

const EVEN_ENOUGH = 0.82;
const BEST_SHARE = 1.55;
const TALL_BELOW = 1.05;
const FLAT_ABOVE = 2.7;

/** How many tiles stand in each row: 5 may be 3 and 2. Rows of the same length are taken if they cost little. */
export function rows(count, width, height) {
  const sizes = Array.from({ length: count }, (_, at) => {
    const down = at + 1;
    return { down, size: Math.min(width / Math.ceil(count / down) / 1.25, height / down) };
  });
  const largest = Math.max(...sizes.map(({ size }) => size));
  const best = sizes.find(({ size }) => size === largest);
  const even = sizes.filter(({ down, size }) => count % down === 0 && size >= EVEN_ENOUGH * largest);
  const { down } = even.sort((one, other) => other.size - one.size)[0] ?? best;
  const long = count % down;
  return Array.from({ length: down }, (_, row) => Math.floor(count / down) + (row < long ? 1 : 0));
}

/** Tell a tile how large it is, in hundredths. */
function size(tile, width, height) {
  tile.style.setProperty("--w", `${width / 100}px`);
  tile.style.setProperty("--h", `${height / 100}px`);
  tile.style.setProperty("--m", `${Math.min(width, height) / 100}px`);
}

/** Tell all tiles how they are laid out, by the shape of the narrowest. */
function shape(list, aspect) {
  list.classList.toggle("tall", aspect < TALL_BELOW);
  list.classList.toggle("flat", aspect > FLAT_ABOVE);
}

/** Two or three tiles beside each other (or below, where it is higher than wide); the best one has the most room. */
function fitFew(list, tiles, width, height, gap) {
  const isWide = width > height;
  const shares = tiles.map((tile) => (tile.classList.contains("best") ? BEST_SHARE : 1));
  const tracks = shares.map((share) => `minmax(0, ${share}fr)`).join(" ");
  list.style.gridTemplateColumns = isWide ? tracks : "minmax(0, 1fr)";
  list.style.gridTemplateRows = isWide ? "minmax(0, 1fr)" : tracks;
  const room = (isWide ? width : height) - gap * (tiles.length - 1);
  const whole = shares.reduce((sum, share) => sum + share, 0);
  tiles.forEach((tile, at) => {
    const own = (room * shares[at]) / whole;
    size(tile, isWide ? own : width, isWide ? height : own);
  });
  shape(list, isWide ? room / whole / height : width / (room / tiles.length));
}

/** Rows of n and of n + 1 tiles fill the same width: the grid has n(n + 1) columns, each tile its share of them. */
function fitRows(list, tiles, width, height, gap) {
  const across = rows(tiles.length, width, height);
  const [most, least] = [across[0], across.at(-1)];
  const columns = most === least ? most : most * least;
  list.style.gridTemplateRows = "";
  list.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  const narrow = (width - gap * (most - 1)) / most;
  const low = (height - gap * (across.length - 1)) / across.length;
  let at = 0;
  for (const count of across) {
    for (let one = 0; one < count; one += 1, at += 1) {
      tiles[at].style.gridColumn = `span ${columns / count}`;
      size(tiles[at], narrow, low);
    }
  }
  shape(list, narrow / low);
}

/** Lay the tiles of `list` out. `isFew`: two or three, of which the best one has the most room. */
export function fit(list, isFew) {
  const tiles = [...list.children];
  if (!tiles.length) return;
  for (const tile of tiles) tile.style.gridColumn = "";
  const gap = Number.parseFloat(getComputedStyle(list).rowGap) || 0;
  (isFew ? fitFew : fitRows)(list, tiles, list.clientWidth, list.clientHeight, gap);
}
