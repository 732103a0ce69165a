/** What to do, one after the other, on an empty page. */
export const NumberedSteps = ({ steps }: { steps: readonly string[] }) => (
  <ol className="mx-auto mt-4 flex max-w-sm flex-col gap-2 text-left">
    {steps.map((step, index) => (
      <li key={step} className="flex gap-3">
        <span
          aria-hidden
          className="grid size-6 shrink-0 place-items-center rounded-full bg-accent-ground text-xs font-semibold text-accent-strong"
        >
          {index + 1}
        </span>
        {step}
      </li>
    ))}
  </ol>
);
