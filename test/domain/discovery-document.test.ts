import { expect, it } from 'vitest'
import { discoveryDocument } from '../../src/domain/issuer.js'

it('returns the document that azure-workload-identity documents, in the same order', () => {
  expect(JSON.stringify(discoveryDocument('https://issuer.example/', 'https://issuer.example/openid/v1/jwks'))).toBe(
    '{"issuer":"https://issuer.example/","jwks_uri":"https://issuer.example/openid/v1/jwks","response_types_supported":["id_token"],' +
      '"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}'
  )
})
