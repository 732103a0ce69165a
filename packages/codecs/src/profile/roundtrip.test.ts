import type { CommandDescription, EditorRange, NodedefDescription } from '@polyrelay/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeProfile } from './describe.js';

/** Ids that no common name, built-in editor or number is. */
const id = fc.stringMatching(/^[A-Z][A-Z0-9]{1,8}$/).map((word) => `X${word}X`);
const text = fc
  .stringMatching(/^[A-Za-z0-9°%&<>"'()/][A-Za-z0-9 °%&<>"'()/=#-]{0,20}$/)
  .map((words) => words.trim());
const decimal = fc.integer({ min: -9_999, max: 9_999 }).map((value) => value / 10);

const range: fc.Arbitrary<EditorRange> = fc
  .record({
    limits: fc.option(fc.tuple(decimal, decimal)),
    prec: fc.integer({ min: 0, max: 4 }),
    step: fc.option(fc.constantFrom(0.1, 0.5, 1, 10)),
    subset: fc.option(fc.uniqueArray(fc.integer({ min: -50, max: 300 }), { minLength: 1, maxLength: 20 })),
    labels: fc.dictionary(fc.integer({ min: -5, max: 300 }).map(String), text, { maxKeys: 5 }),
  })
  .map(({ limits, subset, ...rest }) => ({
    ...rest,
    uom: '25',
    min: limits && Math.min(...limits),
    max: limits && Math.max(...limits),
    subset: subset === null ? null : subset.sort((a, b) => a - b),
  }));
const ranges = fc
  .array(range, { maxLength: 3 })
  .map((list) => list.map((one, at) => ({ ...one, uom: `${at * 7}` })));
const editor = fc.record({ id, ranges });

const editors = fc.uniqueArray(editor, { selector: (one) => one.id, minLength: 1, maxLength: 4 });

/** A description as the files of a profile can express it, over a few shared editors. */
const description: fc.Arbitrary<NodedefDescription[]> = editors.chain((shared) => {
  const used = fc.constantFrom(...shared);
  const parameter = fc.record({ id, name: text, editor: used, init: fc.option(id), optional: fc.boolean() });
  const named = <T>(item: fc.Arbitrary<T>, key: (item: T) => string) =>
    fc.uniqueArray(item, { selector: key, maxLength: 4 });
  const nodedef: fc.Arbitrary<NodedefDescription> = fc.record({
    id,
    name: text,
    icon: fc.option(text),
    drivers: named(fc.record({ driver: id, name: text, editor: used }), ({ driver }) => driver),
    accepts: named(
      fc.record({ id, name: text, parameters: named(parameter, (one) => one.id) }),
      (command) => command.id,
    ),
    sends: fc.constant([]),
  });
  return named(nodedef, (one) => one.id);
});

const attribute = (name: string, value: string | number | null) =>
  value === null ? '' : ` ${name}="${String(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`;

const rangeXml = (one: EditorRange, nls: string) =>
  `<range${attribute('uom', one.uom)}${attribute('min', one.min)}${attribute('max', one.max)}` +
  `${attribute('prec', one.prec)}${attribute('step', one.step)}` +
  `${attribute('subset', one.subset === null ? null : one.subset.join(','))}${attribute('nls', nls)}/>`;

const commandXml = ({ id, parameters }: CommandDescription) => {
  const inner = parameters.map((p) => {
    const rest = attribute('init', p.init) + attribute('optional', p.optional ? 'T' : null);
    return `<p id="${p.id}" editor="${p.editor.id}"${rest}/>`;
  });
  return `<cmd id="${id}">${inner.join('')}</cmd>`;
};

const nodedefXml = ({ id, drivers, accepts }: NodedefDescription) => {
  const sts = drivers.map(({ driver, editor }) => `<st id="${driver}" editor="${editor.id}"/>`);
  const cmds = `<sends/><accepts>${accepts.map(commandXml).join('\n')}</accepts>`;
  return `<nodeDef id="${id}" nls="N${id}"><sts>${sts.join('\n')}</sts><cmds>${cmds}</cmds></nodeDef>`;
};

/** The three files that say what a description says. */
function filesOf(nodedefs: NodedefDescription[]) {
  const all = new Map(
    nodedefs
      .flatMap(({ drivers, accepts }) => [...drivers, ...accepts.flatMap(({ parameters }) => parameters)])
      .map((user) => [user.editor.id, user.editor]),
  );
  const labels = [...all.values()].flatMap(({ id, ranges }) =>
    ranges.flatMap((one, at) =>
      Object.entries(one.labels).map(([value, label]) => `${id}_${at}-${value} = ${label}`),
    ),
  );
  const names = nodedefs.flatMap(({ id, name, icon, drivers, accepts }) => [
    `ND-${id}-NAME = ${name}`,
    ...(icon === null ? [] : [`ND-${id}-ICON = ${icon}`]),
    ...drivers.map((driver) => `ST-N${id}-${driver.driver}-NAME = ${driver.name}`),
    ...accepts.map((command) => `CMD-N${id}-${command.id}-NAME = ${command.name}`),
  ]);
  const editorsXml = [...all.values()].map(
    ({ id, ranges }) =>
      `<editor id="${id}">${ranges.map((one, at) => rangeXml(one, `${id}_${at}`)).join('\n')}</editor>`,
  );
  return [
    { type: 'nls' as const, filename: 'en_us.txt', content: [...labels, ...names].join('\r\n') },
    { type: 'editor' as const, filename: 'e.xml', content: `<editors>${editorsXml.join('\n')}</editors>` },
    {
      type: 'nodedef' as const,
      filename: 'n.xml',
      content: `<nodeDefs>${nodedefs.map(nodedefXml).join('\n')}</nodeDefs>`,
    },
  ];
}

/** Parameter names are shared by id in an NLS file: the round trip is of everything else. */
const withoutParameterNames = (nodedefs: NodedefDescription[]) =>
  nodedefs.map((nodedef) => ({
    ...nodedef,
    accepts: nodedef.accepts.map((command) => ({
      ...command,
      parameters: command.parameters.map(({ name: _, ...parameter }) => parameter),
    })),
  }));

describe('a generated profile', () => {
  it('is described by its files', () => {
    fc.assert(
      fc.property(description, (nodedefs) => {
        const described = describeProfile(filesOf(nodedefs));
        expect(described.problems).toEqual([]);
        const found = nodedefs.map(({ id }) => described.nodedefs[id]).filter((one) => one !== undefined);
        expect(withoutParameterNames(found)).toEqual(withoutParameterNames(nodedefs));
      }),
      { numRuns: 300 },
    );
  });
});
