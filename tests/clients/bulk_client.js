// A shipper and a consumer that use an official JavaScript client: @elastic/elasticsearch of any version, or OpenSearch's.
//
//     bulk_client.js PACKAGE URL TOKEN INDEX STEP
'use strict'

const assert = require('node:assert')

const [packageName, node, token, index, step] = process.argv.slice(2)
const { Client } = require(packageName)

const start = Date.UTC(2018, 4, 19, 8, 19, 27)
const readings = 500

function connect () {
  const options = { node, headers: { authorization: `Bearer ${token}` } }
  return new Client(packageName === 'elasticsearch-8' || packageName === 'elasticsearch-9' ? { node, auth: { bearer: token } } : options)
}

// The clients of Elasticsearch 8 and 9 give the body itself.
const bodyOf = answer => answer.body === undefined ? answer : answer.body
// They take a request's members as parameters, the others in `body`.
const isFlat = packageName === 'elasticsearch-8' || packageName === 'elasticsearch-9'
const search = body => isFlat ? { index, ...body } : { index, body }

function * documents (begin, end) {
  for (let number = begin; number < end; ++number) {
    yield { '@timestamp': new Date(start + 1000 * number), value: number, agent: { type: 'js' } }
  }
}

const steps = {
  async writes (client) {
    const done = await client.helpers.bulk({
      datasource: [...documents(0, readings)],
      flushBytes: 10_000,
      onDocument: () => ({ index: { _index: index } })
    })
    assert.strictEqual(done.successful, readings)
    assert.strictEqual(done.failed, 0)

    const dropped = []
    const mixed = await client.helpers.bulk({
      datasource: [...documents(0, 1), { value: 'warm' }],
      onDocument: () => ({ create: { _index: index } }),
      onDrop: document => dropped.push(document.status)
    })
    assert.strictEqual(mixed.successful, 1)
    assert.deepStrictEqual(dropped, [400])

    const document = { timestamp: new Date(start + 1000 * readings), value: readings }
    const one = bodyOf(await client.index(isFlat ? { index, document } : { index, body: document }))
    assert.strictEqual(one.result, 'created')
  },

  async reads (client) {
    assert.match(bodyOf(await client.info()).version.number, /^[789]\./)
    const pong = await client.ping()
    assert.ok(pong === true || pong.statusCode === 200)
    assert.strictEqual(bodyOf(await client.count({ index })).count, readings + 1)
    const found = bodyOf(await client.search(search({ size: 3, sort: [{ timestamp: 'desc' }] })))
    assert.deepStrictEqual(found.hits.hits.map(hit => hit._source.value), [readings, readings - 1, readings - 2])
    const searches = [{ index }, { size: 0 }, { index }, { size: 0, aggs: { mean: { avg: { field: 'value' } } } }]
    const several = bodyOf(await client.msearch(isFlat ? { searches } : { body: searches }))
    assert.strictEqual(several.responses[0].hits.total.value, readings + 1)
    assert.strictEqual(several.responses[1].aggregations.mean.value, readings / 2)
    await assert.rejects(client.search(search({ query: { hello: {} } })), error => error.statusCode === 400)
  },

  async scan (client) {
    const values = []
    for await (const document of client.helpers.scrollDocuments(search({ size: 100, query: { match_all: {} } }))) {
      values.push(document.value)
    }
    assert.deepStrictEqual(values.sort((a, b) => a - b), [...Array(readings + 1).keys()])
  }
}

steps[step](connect()).then(() => process.exit(0), error => {
  console.error(error, JSON.stringify(error.meta && error.meta.body))
  process.exit(1)
})
