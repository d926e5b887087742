/**
 * What Go calls cipher suites and curves (crypto/tls, CipherSuites and CurveID), which the web configuration uses, and what
 * OpenSSL calls them (openssl-ciphers(1), openssl-ecparam(1)). Only what Go counts as secure.
 */
const suitesOfTls12 = {
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
} as const;

/** Those of TLS 1.3 cannot be chosen in Go, so naming them changes nothing; all of them stay. */
const suitesOfTls13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] as const;

const curves = {
  X25519: "X25519",
  CurveP256: "prime256v1",
  CurveP384: "secp384r1",
  CurveP521: "secp521r1",
} as const;

type SuiteOfTls12 = keyof typeof suitesOfTls12;
export type CipherSuite = SuiteOfTls12 | (typeof suitesOfTls13)[number];
export type Curve = keyof typeof curves;

export const cipherSuites = [...(Object.keys(suitesOfTls12) as SuiteOfTls12[]), ...suitesOfTls13] as const;
export const curveNames = Object.keys(curves) as readonly Curve[];

/** As Node.js takes it for `ciphers`; undefined: its own choice. */
export function ciphersOf(names: readonly CipherSuite[]): string | undefined {
  const chosen = names.flatMap((name) => (isOfTls12(name) ? [suitesOfTls12[name]] : []));
  return chosen.length === 0 ? undefined : [...suitesOfTls13, ...chosen].join(":");
}

/** As Node.js takes it for `ecdhCurve`; undefined: its own choice. */
export function ecdhCurveOf(names: readonly Curve[]): string | undefined {
  return names.length === 0 ? undefined : names.map((name) => curves[name]).join(":");
}

function isOfTls12(name: CipherSuite): name is SuiteOfTls12 {
  return Object.hasOwn(suitesOfTls12, name);
}
