export function ConsumerPage() {
  return null;
}
