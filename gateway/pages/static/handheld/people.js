// Who works here: ids become names.

let names = new Map();

/** Remember the clerks of the store: [{id, name}]. */
export function remember(clerks) {
  names = new Map((clerks ?? []).map(({ id, name }) => [id, name]));
}

/** The name of a clerk, or the id where nobody knows it any more. */
export const whoIs = (id) => names.get(id) ?? id;
