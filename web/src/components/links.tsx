// The router's links in the looks of the component library; their addresses and parameters are checked by types.
import { Anchor, Button } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { forwardRef, type ComponentProps } from 'react';

const PlainAnchor = forwardRef<HTMLAnchorElement, Omit<ComponentProps<typeof Anchor<'a'>>, 'ref'>>((props, ref) => (
  <Anchor ref={ref} inherit {...props} />
));
PlainAnchor.displayName = 'PlainAnchor';

const PlainButton = forwardRef<HTMLAnchorElement, Omit<ComponentProps<typeof Button<'a'>>, 'ref' | 'component'>>(
  (props, ref) => <Button component="a" ref={ref} {...props} />,
);
PlainButton.displayName = 'PlainButton';

export const TextLink = createLink(PlainAnchor);
export const ButtonLink = createLink(PlainButton);
