// A bank's identity provider for the tests: the certified oidc-provider with a login page of two fields.
//
//   node provider.mjs '{"port": …, "clients": […]}'
//
// Who posts `login` and `acr` to the page is logged in like that; `give_up` declines.  POST /control/rotate gives the
// provider new keys.

import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import Provider from 'oidc-provider';

const { port, clients } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const NAMES = { u_ivanova: 'Иванова Мария Петровна', u_petrov: 'Петров Пётр Петрович' };
const METHODS = { 'urn:bank:password': ['pwd'], 'urn:bank:otp': ['pwd', 'otp'] };

let keys = newKeys();
let serve = open();

function newKeys() {
  return [
    ['rsa', { modulusLength: 2048 }, 'RS256'],
    ['ec', { namedCurve: 'P-256' }, 'ES256'],
  ].map(([kind, options, alg]) => {
    const { privateKey } = generateKeyPairSync(kind, options);
    return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg };
  });
}

function open() {
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys },
    acrValues: Object.keys(METHODS),
    claims: { openid: ['sub', 'acr', 'amr'], profile: ['name'], auth_time: null, iss: null, sid: null },
    cookies: { keys: ['one key for the cookies of the tests'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: NAMES[id] }) }),
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (ctx) => {
      const { client, session, params } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(params.scope);
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  return (request, response) =>
    request.url.startsWith('/interaction/') ? interact(provider, request, response) : answer(request, response);
}

async function interact(provider, request, response) {
  const { params, prompt } = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    const told = `<pre id="asked">${JSON.stringify({ params, prompt })}</pre>`;
    const form = '<form method="post"><input name="login"><input name="acr"><button>Log in</button></form>';
    response.end(`<!doctype html><title>Login</title>${told}${form}`);
    return;
  }
  const form = new URLSearchParams(await read(request));
  const acr = form.get('acr');
  const result = form.has('give_up')
    ? { error: 'access_denied', error_description: 'the person gave up' }
    : { login: { accountId: form.get('login'), acr, amr: METHODS[acr] } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function read(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

createServer(async (request, response) => {
  try {
    if (request.url === '/control/rotate') {
      keys = newKeys();
      serve = open();
      response.end('rotated');
    } else {
      await serve(request, response);
    }
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error.stack));
  }
}).listen(port, '127.0.0.1', () => console.log('ready'));
