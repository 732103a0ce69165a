import { expect, test } from 'vitest';
import { changedAddress, nextOrder, type Order } from './list-search';

interface Search {
  q?: string;
  sort?: string;
  order?: Order;
}

test('an address holds what is not as usual, and nothing empty', () => {
  expect(changedAddress<Search>({ q: 'a', sort: 'id', order: 'desc' }, { q: 'b' })).toEqual({
    q: 'b',
    sort: 'id',
    order: 'desc',
  });
  expect(changedAddress<Search>({ q: 'a', sort: 'id' }, { sort: 'name', order: 'asc' })).toEqual({ q: 'a' });
  expect(changedAddress<Search>({ sort: 'name' }, { order: 'desc' })).toEqual({
    sort: 'name',
    order: 'desc',
  });
  expect(changedAddress<Search>({ q: 'a' }, { q: '' })).toEqual({});
  expect(changedAddress<Search>({ q: 'a' }, { q: undefined })).toEqual({});
});

test('the same column turns round, another one begins with its own order', () => {
  const first = (sort: string) => (sort === 'name' ? 'asc' : 'desc');
  expect(nextOrder({ sort: 'name', order: 'asc' }, 'name', first)).toBe('desc');
  expect(nextOrder({ sort: 'name', order: 'desc' }, 'name', first)).toBe('asc');
  expect(nextOrder({ sort: 'name', order: 'asc' }, 'messages', first)).toBe('desc');
  expect(nextOrder({ sort: 'messages', order: 'asc' }, 'name', first)).toBe('asc');
});
