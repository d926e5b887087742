/**
 * The values of a certificate's alternative names as Node.js writes them (crypto, `x509.subjectAltName`): `DNS:a, IP
 * Address:192.0.2.1, URI:"a, b"`, where what could be mistaken is quoted as JSON.
 */
export function alternativeNames(subjectAltName: string | undefined): readonly string[] {
  const parts = (subjectAltName ?? "").match(/[^:,]+:(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? [];
  return parts.map((part) => {
    const value = part.slice(part.indexOf(":") + 1);
    return value.startsWith('"') ? (JSON.parse(value) as string) : value;
  });
}
