import { describe, expect, test } from 'vitest';
import { isPrivate } from './private-addresses.js';

describe('an address', () => {
  test.each(
    `0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1
     192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1
     ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b:1::1
     2002:7f00:1:: 2002:a00:1::1 2001::1 2001:db8::1 100::1 fc00::1 fd12:3456::1 fe80::1 fec0::1 ff02::1`.split(
      /\s+/,
    ),
  )('%s is not of the internet', (address) => {
    expect(isPrivate(address)).toBe(true);
  });

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2001:4860:4860::8888'])(
    '%s is',
    (address) => {
      expect(isPrivate(address)).toBe(false);
    },
  );
});
