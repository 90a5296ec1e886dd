import { expect, it } from 'vitest'
import { discoveryDocument } from '../../src/domain/issuer.js'

it('is the document that azure-workload-identity tells people to publish, in its order', () => {
  expect(JSON.stringify(discoveryDocument('https://issuer.example/', 'https://issuer.example/openid/v1/jwks'))).toBe(
    '{"issuer":"https://issuer.example/","jwks_uri":"https://issuer.example/openid/v1/jwks","response_types_supported":["id_token"],' +
      '"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}'
  )
})
