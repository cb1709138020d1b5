// An advance shipping notice from a file: JSON as the API takes it, or CSV with a line per product and unit.

const COLUMNS = ["delivery", "supplier", "due", "sscc", "gtin", "quantity"];
const MOST_LINES = 20_000;

/** Cells of a CSV text: lines of [number, cells]; quotes may hold commas and line ends. */
export function cells(text) {
  const lines = [];
  let [row, cell, isQuoted, line, begun] = [[], "", false, 1, 1];
  const endCell = () => {
    row.push(cell.trim());
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (row.some(Boolean)) lines.push([begun, row]);
    row = [];
    begun = line;
  };
  const whole = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  for (let at = 0; at < whole.length; at += 1) {
    const sign = whole[at];
    if (sign === "\n") line += 1;
    if (isQuoted && sign === '"' && whole[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (sign === '"') isQuoted = !isQuoted;
    else if (!isQuoted && [",", ";", "\t"].includes(sign)) endCell();
    else if (!isQuoted && sign === "\n") endRow();
    else cell += sign;
  }
  endRow();
  return lines;
}

/** A date as people write it in a file; null where it is none. Without a time it is due in the morning. */
function timeOf(text) {
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const found = text.match(/^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?/);
  if (!found) return null;
  const [, year, month, day, hour = 8, minute = 0] = found.map(Number);
  const ms = new Date(
    year,
    month - 1,
    day,
    Number.isNaN(hour) ? 8 : hour,
    Number.isNaN(minute) ? 0 : minute,
  ).getTime();
  return Number.isNaN(ms) ? null : ms;
}

function checked(row) {
  if (!row.delivery) return ["notice.no-delivery"];
  if (!/^\d{8,14}$/.test(row.gtin)) return ["notice.bad-gtin", { text: row.gtin }];
  if (!/^\d{1,7}$/.test(row.quantity) || Number(row.quantity) < 1)
    return ["notice.bad-quantity", { text: row.quantity }];
  if (row.sscc && !/^\d{18}$/.test(row.sscc)) return ["notice.bad-sscc", { text: row.sscc }];
  return timeOf(row.due) === null ? ["notice.bad-due", { text: row.due }] : null;
}

function put(notices, row) {
  if (!notices.has(row.delivery))
    notices.set(row.delivery, { delivery: row.delivery, supplier: row.supplier, due_ms: timeOf(row.due), units: [] });
  const { units } = notices.get(row.delivery);
  let unit = units.find(({ sscc }) => (sscc ?? "") === row.sscc);
  if (!unit) units.push((unit = { ...(row.sscc && { sscc: row.sscc }), lines: [] }));
  unit.lines.push({ gtin: row.gtin.padStart(14, "0"), quantity: Number(row.quantity) });
}

/** Notices of a CSV, and what cannot be used of it: {line, key, values}. */
export function fromCsv(text) {
  const [head, ...lines] = cells(text);
  const columns = (head?.[1] ?? []).map((name) => name.toLowerCase());
  const lacking = COLUMNS.filter((name) => name !== "sscc" && !columns.includes(name));
  if (lacking.length)
    return { notices: [], refused: [{ line: 1, key: "notice.columns", values: { names: lacking.join(", ") } }] };
  const [notices, refused] = [new Map(), []];
  for (const [line, values] of lines.slice(0, MOST_LINES)) {
    const row = Object.fromEntries(COLUMNS.map((name) => [name, values[columns.indexOf(name)] ?? ""]));
    const problem = checked(row);
    if (problem) refused.push({ line, key: problem[0], values: problem[1] ?? {} });
    else put(notices, row);
  }
  return { notices: [...notices.values()], refused };
}

/** Notices of a JSON text: one, or a list. Whether they are right, the gateway says. */
export function fromJson(text) {
  try {
    return { notices: [JSON.parse(text)].flat(), refused: [] };
  } catch (error) {
    return { notices: [], refused: [{ line: 1, key: "notice.not-json", values: { text: error.message } }] };
  }
}
