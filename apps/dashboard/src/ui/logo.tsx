/** The sign of the product: two arcs handing over around one point. */
export function Logo({ className = 'size-7' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <rect width="32" height="32" rx="8" className="fill-accent-fill" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <path d="M9.5 21.5a9.2 9.2 0 0 1 13-13" />
        <path d="M22.5 10.5a9.2 9.2 0 0 1-13 13" opacity=".6" />
      </g>
      <circle cx="16" cy="16" r="3.4" fill="#fff" />
    </svg>
  );
}
