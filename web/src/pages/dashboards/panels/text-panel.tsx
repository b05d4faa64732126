import { Anchor, Blockquote, Code, Divider, List, Text, Title } from '@mantine/core';
import '@mantine/core/styles/Blockquote.css';
import { useMemo, type ReactNode } from 'react';
import { useMessages } from '@/i18n';
import type { PanelOf } from '../document';
import { markdown, type Block, type Inline } from '../markdown';
import { PanelNote } from './panel-states';
import type { PanelProps } from './readings';
import { ScrollRegion } from './scroll-region';

function inlines(parts: Inline[]): ReactNode {
  return parts.map((part, at) => {
    switch (part.kind) {
      case 'text':
        return part.text;
      case 'code':
        return <Code key={at}>{part.text}</Code>;
      case 'strong':
        return <strong key={at}>{inlines(part.children)}</strong>;
      case 'emphasis':
        return <em key={at}>{inlines(part.children)}</em>;
      case 'link':
        return (
          <Anchor key={at} href={part.address} rel="noopener noreferrer" underline="always" inherit>
            {inlines(part.children)}
          </Anchor>
        );
    }
  });
}

/** The panel's own title is a heading of the second level. */
const headings = [3, 4, 5, 6] as const;

function block(each: Block, at: number): ReactNode {
  switch (each.kind) {
    case 'heading':
      return (
        <Title key={at} order={headings[Math.min(each.level, headings.length) - 1] ?? 6} mb="xs">
          {inlines(each.children)}
        </Title>
      );
    case 'paragraph':
      return (
        <Text key={at} mb="xs">
          {inlines(each.children)}
        </Text>
      );
    case 'quote':
      return (
        <Blockquote key={at} p="xs" mb="xs" mt={0}>
          {inlines(each.children)}
        </Blockquote>
      );
    case 'list':
      return (
        <List key={at} type={each.isOrdered ? 'ordered' : 'unordered'} mb="xs">
          {each.items.map((item, of) => (
            <List.Item key={of}>{inlines(item)}</List.Item>
          ))}
        </List>
      );
    case 'code':
      return (
        <Code key={at} block mb="xs">
          {each.text}
        </Code>
      );
    case 'rule':
      return <Divider key={at} mb="xs" />;
  }
}

export function TextPanel({ panel, title }: PanelProps<PanelOf<'text'>>) {
  const { dashboards } = useMessages();
  const blocks = useMemo(() => markdown(panel.options.text), [panel.options.text]);
  if (blocks.length === 0) return <PanelNote text={dashboards.noText} />;
  return <ScrollRegion label={title}>{blocks.map(block)}</ScrollRegion>;
}
