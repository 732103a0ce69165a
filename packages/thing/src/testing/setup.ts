import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { builtThing, Place } from './place.js';
import { TestService } from './test-service.js';

/** A service and an unpacked distribution for each test of a file. */
export function useThing(): { service: TestService; place: Place } {
  let build: Awaited<ReturnType<typeof builtThing>>;
  const parts = {} as { service: TestService; place: Place };
  beforeAll(async () => {
    build = await builtThing();
  });
  beforeEach(async () => {
    parts.service = await TestService.start();
    parts.place = await Place.make(parts.service, build.file);
  });
  afterEach(async () => {
    await parts.place.remove();
    await parts.service.close();
  });
  afterAll(() => build.remove());
  return parts;
}
