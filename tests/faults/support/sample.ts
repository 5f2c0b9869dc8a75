/**
 * Chooses from groups of cells with the same outcome: the first cheap one of each group, and each fault at least once.
 *
 * @param groups The cells.
 * @param isCheap Whether a cell needs no process of its own.
 * @returns Some of them, in their order.
 */
export function sampleOf<C extends { fault: string }>(
  groups: readonly (readonly C[])[],
  isCheap: (cell: C) => boolean = () => true,
): C[] {
  const chosen = new Set(groups.map((cells) => cells.find(isCheap)));
  const met = new Set(Array.from(chosen, (cell) => cell?.fault));
  return groups.flat().filter((cell) => {
    const isWanted = chosen.has(cell) || !met.has(cell.fault);
    met.add(cell.fault);
    return isWanted;
  });
}
