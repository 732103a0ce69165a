/** A link that leaves the dashboard, shown whole. */
export const Outside = ({ url }: { url: string }) => (
  <a href={url} target="_blank" rel="noopener noreferrer" className="text-accent underline wrap-anywhere">
    {url}
  </a>
);
