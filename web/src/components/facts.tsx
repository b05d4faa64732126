import type { ReactNode } from 'react';
import classes from './facts.module.css';

/** What is known of a thing: a name on the left, what it is on the right. */
export function Facts({ rows }: { rows: { label: string; content: ReactNode }[] }) {
  return (
    <dl className={classes.facts}>
      {rows.map(({ label, content }) => (
        <div key={label} className={classes.row}>
          <dt className="quiet">{label}</dt>
          <dd>{content}</dd>
        </div>
      ))}
    </dl>
  );
}
