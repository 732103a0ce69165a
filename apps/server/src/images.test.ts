import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Dockerfile, DockerfileParser } from 'dockerfile-ast';
import { ValidationSeverity, validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const files = ['docker', 'docker/worker'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => /^Dockerfile(\.\w+)?$/.test(name) && !name.endsWith('.dockerignore'))
    .map((name) => `${folder}/${name}`),
);

/** Every severity counts, and what is only bad style too. */
const STRICT = {
  deprecatedMaintainer: ValidationSeverity.ERROR,
  directiveCasing: ValidationSeverity.ERROR,
  emptyContinuationLine: ValidationSeverity.ERROR,
  instructionCasing: ValidationSeverity.ERROR,
  instructionCmdMultiple: ValidationSeverity.ERROR,
  instructionEntrypointMultiple: ValidationSeverity.ERROR,
  instructionHealthcheckMultiple: ValidationSeverity.ERROR,
  instructionJSONInSingleQuotes: ValidationSeverity.ERROR,
  instructionWorkdirRelative: ValidationSeverity.ERROR,
};

test('there are Dockerfiles of the service and of both kinds of workers', () => {
  expect(files.sort()).toEqual([
    'docker/Dockerfile',
    'docker/worker/Dockerfile.node',
    'docker/worker/Dockerfile.python',
  ]);
});

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const parsed: Dockerfile = DockerfileParser.parse(text);
  const last = (keyword: string): string | null | undefined =>
    parsed
      .getInstructions()
      .filter((instruction) => instruction.getKeyword() === keyword)
      .at(-1)
      ?.getArgumentsContent();

  test('has nothing that the linter finds', () => {
    const problems = validate(text, STRICT).map(
      ({ message, range }) => `${file}:${range.start.line + 1}: ${message}`,
    );
    expect(problems).toEqual([]);
  });

  test('stands on an official image of a fixed version', () => {
    for (const from of parsed.getFROMs()) {
      expect(['node', 'python']).toContain(from.getImageName());
      expect(from.getImageTag()).toMatch(/^\d+(\.\d+)?-bookworm-slim$|^\d+(\.\d+)?-slim-bookworm$/);
    }
  });

  test('does not run as root, and has an init that passes signals on', () => {
    expect(last('USER')).toMatch(/^(node|65534:65534)$/);
    expect(last('ENTRYPOINT')).toBe('["tini", "--"]');
    expect(last('CMD')).toMatch(/^\[".+"\]$/);
  });

  test('holds no secret', () => {
    const named = [...parsed.getENVs(), ...parsed.getARGs()].map((one) => String(one.getArgumentsContent()));
    for (const setting of named) expect(setting).not.toMatch(/PGURL|PASSWORD|SECRET|TOKEN|_KEY/i);
  });

  test('copies what is there, and its build is sent that', () => {
    const ignore = readFileSync(join(ROOT, `${file}.dockerignore`), 'utf8').split('\n');
    for (const copy of parsed.getCOPYs()) {
      if (copy.getFlags().some((flag) => flag.getName() === 'from')) continue;
      for (const source of copy.getArguments().slice(0, -1)) {
        const path = source.getValue();
        expect(existsSync(join(ROOT, path)), path).toBe(true);
        if (ignore.includes('**')) expect(ignore).toContain(`!${path}`);
      }
    }
  });

  test('leaves no lists of packages behind', () => {
    for (const command of runs(parsed).filter((line) => line.includes('apt-get install'))) {
      expect(command).toMatch(/apt-get update/);
      expect(command).toMatch(/--no-install-recommends/);
      expect(command).toMatch(/rm -rf \/var\/lib\/apt\/lists/);
    }
  });
});

const runs = (parsed: Dockerfile): string[] =>
  parsed
    .getInstructions()
    .filter((instruction) => instruction.getKeyword() === 'RUN')
    .map((instruction) => String(instruction.getArgumentsContent()));

test('the start script is one that bash reads', () => {
  execFileSync('bash', ['-n', join(ROOT, 'docker/worker/start.sh')]);
});
