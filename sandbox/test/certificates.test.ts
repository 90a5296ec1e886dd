import { X509Certificate } from 'node:crypto'
import { createServer, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createCertificates } from '../src/server/tls-certificates.js'

const certificates = await createCertificates(new Date())
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

describe('the TLS certificates', () => {
  it('name localhost and both loopback addresses', () => {
    const server = new X509Certificate(certificates.serverCertificatePem)
    expect(server.checkHost('localhost')).toBe('localhost')
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(server.checkIP('::1')).toBe('::1')
    expect(server.checkHost('example.com')).toBeUndefined()
  })

  it('name the requested hosts', async () => {
    const named = new X509Certificate(
      (await createCertificates(new Date(), ['graph.microsoft.us'])).serverCertificatePem
    )
    expect(named.checkHost('graph.microsoft.us')).toBe('graph.microsoft.us')
    expect(named.checkHost('localhost')).toBe('localhost')
  })

  it('are signed by a certificate authority', () => {
    const authority = new X509Certificate(certificates.caPem)
    const server = new X509Certificate(certificates.serverCertificatePem)
    expect(authority.ca).toBe(true)
    expect(server.ca).toBe(false)
    expect(server.verify(authority.publicKey)).toBe(true)
    expect(server.checkIssued(authority)).toBe(true)
  })

  it('are new each time', async () => {
    const others = await createCertificates(new Date())
    expect(new X509Certificate(others.caPem).subject).not.toBe(new X509Certificate(certificates.caPem).subject)
  })

  it.skipIf(!hasOpenssl)('pass the strict verification of openssl', () => {
    const directory = mkdtempSync(join(tmpdir(), 'azwi-certificates-'))
    onTestFinished(() => {
      rmSync(directory, { recursive: true })
    })
    writeFileSync(join(directory, 'ca.pem'), certificates.caPem)
    writeFileSync(join(directory, 'server.pem'), certificates.serverCertificatePem)
    const { status, stderr } = spawnSync(
      'openssl',
      [
        'verify',
        '-x509_strict',
        '-purpose',
        'sslserver',
        '-verify_hostname',
        'localhost',
        '-CAfile',
        'ca.pem',
        'server.pem'
      ],
      { cwd: directory, encoding: 'utf8' }
    )
    expect([status, stderr]).toEqual([0, ''])
  })

  it('are accepted by a client that trusts the authority, and by no other', async () => {
    const server = createServer(
      { cert: certificates.serverCertificatePem, key: certificates.serverKeyPem },
      (_request, response) => response.end('hello')
    )
    onTestFinished(() => {
      server.close()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `https://localhost:${(server.address() as AddressInfo).port}`
    const status = (ca?: string) =>
      new Promise((resolve, reject) => {
        get(url, { agent: false, ...(ca === undefined ? {} : { ca }) }, response => {
          response.resume()
          resolve(response.statusCode)
        }).on('error', reject)
      })
    await expect(status(certificates.caPem)).resolves.toBe(200)
    await expect(status()).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  })
})
