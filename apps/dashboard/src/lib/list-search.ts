export type Order = 'asc' | 'desc';

/** What every list keeps in its address. */
interface ListAddress {
  sort?: string;
  order?: Order;
}

/** Some of it, changed; undefined takes it away. */
export type AddressChange<Search> = { [K in keyof Search]: Search[K] | undefined };

/** A list's address with a change: the usual order (by `usual`, from the start) and what is empty are left out of it. */
export function changedAddress<Search extends ListAddress>(
  search: Search,
  change: AddressChange<Partial<Search>>,
  usual = 'name',
): Record<string, unknown> {
  const { sort, order, ...rest } = { ...search, ...change };
  const isUsual = (sort ?? usual) === usual && (order ?? 'asc') === 'asc';
  const all = { ...rest, ...(isUsual ? {} : { sort, order }) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

/** The order after a click on a column: another column begins with its own first order, the same one turns round. */
export const nextOrder = <Sort>(
  now: { sort: Sort; order: Order },
  next: Sort,
  firstOrder: (sort: Sort) => Order,
): Order => (next !== now.sort ? firstOrder(next) : now.order === 'asc' ? 'desc' : 'asc');
