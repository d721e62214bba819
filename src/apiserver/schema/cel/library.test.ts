import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kubernetesEnvironment } from './environment.ts';
import { prepare } from './source.ts';
import { runtimeWords } from './errors.ts';

const environment = kubernetesEnvironment();

function evaluate(expression: string): unknown {
  const result: unknown = environment.evaluate(prepare(expression).text, {});
  return result;
}

// Most are the examples of the Kubernetes CEL libraries' own documentation.
const hold = `
has({'a': 1}.a)
!has({'a': 1}.b)
has([{'a': 1}][0].a)
'abc'.matches('^a.c$')
matches('abc', 'b')
!'abc'.matches('^b')
"abc 123".find('[0-9]+') == '123'
"abc 123".find('xyz') == ''
"123 abc 456".findAll('[0-9]+') == ['123', '456']
"123 abc 456".findAll('[0-9]+', 1) == ['123']
"123 abc 456".findAll('xyz') == []
'ÄBC'.lowerAscii() == 'Äbc'
'äbc'.upperAscii() == 'äBC'
'tacocat'.charAt(3) == 'o'
'tacocat'.charAt(7) == ''
'a-b-c'.replace('-', '+') == 'a+b+c'
'a-b-c'.replace('-', '+', 1) == 'a+b-c'
'a-b-c'.replace('-', '+', 0) == 'a-b-c'
'a,b,c'.split(',') == ['a', 'b', 'c']
'a,b,c'.split(',', 2) == ['a', 'b,c']
['a', 'b'].join('-') == 'a-b'
' x '.trim() == 'x'
'tacocat'.substring(4) == 'cat'
'tacocat'.substring(0, 4) == 'taco'
'tacocat'.indexOf('c') == 2
'tacocat'.lastIndexOf('c') == 4
'gums'.reverse() == 'smug'
strings.quote('a"b') == '"a\\\\"b"'
'%s is %d, %.2f, %x, %b, 100%%'.format([dyn('a'), dyn(1), dyn(1.5), dyn(255), dyn(5)]) == 'a is 1, 1.50, ff, 101, 100%'
'%s'.format([['a', 'b']]) == '[a, b]'
'%s'.format([duration('90s')]) == '90s'
[1, 2, 2, 3].indexOf(2) == 1
['a', 'b', 'b', 'c'].lastIndexOf('b') == 2
[1.0].indexOf(1.1) == -1
[1, 3].sum() == 4
[1.0, 3.0].sum() == 4.0
[duration('1m'), duration('1s')].sum() == duration('1m1s')
[1, 3].min() == 1
[1, 3].max() == 3
['b', 'a'].min() == 'a'
([0] + [1].filter(x, x > 5)).min() == 0
[1, 2, 3].isSorted()
['a', 'b', 'b', 'c'].isSorted()
![2.0, 1.0].isSorted()
[3, 1, 2].sort() == [1, 2, 3]
[1, 2, 1].distinct() == [1, 2]
[1, 2, 3].slice(1, 3) == [2, 3]
[[1], [2, 3]].flatten() == [1, 2, 3]
lists.range(3) == [0, 1, 2]
sets.contains([1, 2, 3], [2, 3])
!sets.contains([1], [1, 2])
sets.equivalent([1, 1, 2], [2, 1])
sets.intersects(['a', 'b'], ['b'])
!sets.intersects([1], [2])
isQuantity('1.3Gi')
!isQuantity('1,3G')
!isQuantity('200K')
!isQuantity('Mi')
quantity('200M').compareTo(quantity('0.2G')) == 0
quantity('50M').compareTo(quantity('50Mi')) == -1
quantity('50Mi').compareTo(quantity('50M')) == 1
quantity('150Mi').isGreaterThan(quantity('100Mi'))
quantity('50M').isLessThan(quantity('100M'))
quantity('50k').add(quantity('20k')) == quantity('70k')
quantity('50k').add(20) == quantity('50020')
quantity('50k').sub(quantity('20k')) == quantity('30k')
quantity('50k').sub(20000) == quantity('30k')
quantity('50k').asInteger() == 50000
quantity('50k').isInteger()
!quantity('1500m').isInteger()
!quantity('9999999999999999999999999999999999999G').isInteger()
quantity('1500m').asApproximateFloat() == 1.5
quantity('-1').sign() == -1
quantity('1n').isLessThan(quantity('1u'))
isURL('https://user:pass@example.com:80/path?query=val#fragment')
isURL('/absolute-path')
!isURL('https://a:b:c/')
!isURL('../relative-path')
url('/path').getScheme() == ''
url('https://example.com:80/').getHost() == 'example.com:80'
url('https://[::1]:80/').getHost() == '[::1]:80'
url('https://[::1]:80/').getHostname() == '::1'
url('https://user:pass@example.com/').getHostname() == 'example.com'
url('https://example.com:80/').getPort() == '80'
url('https://example.com/').getPort() == ''
url('https://example.com/path with spaces/').getEscapedPath() == '/path%20with%20spaces/'
url('https://example.com').getEscapedPath() == ''
url('https://example.com/path?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}
url('https://example.com/path?key with spaces=value with spaces').getQuery() == {'key with spaces': ['value with spaces']}
isIP('127.0.0.1') && isIP('::1')
!isIP('127.0.0.256') && !isIP(':::1') && !isIP('::ffff:1.2.3.4')
ip.isCanonical('2001:db8::abcd')
!ip.isCanonical('2001:DB8::ABCD')
ip('127.0.0.1').family() == 4
ip('::1').family() == 6
ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified()
ip('127.0.0.1').isLoopback() && !ip('2001:db8::abcd').isLoopback()
ip('224.0.0.1').isLinkLocalMulticast() && !ip('224.0.1.1').isLinkLocalMulticast()
ip('ff02::1').isLinkLocalMulticast() && !ip('fd00::1').isLinkLocalMulticast()
ip('169.254.169.254').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast() && !ip('fd80::1').isLinkLocalUnicast()
ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()
ip('2001:db8::abcd').isGlobalUnicast() && !ip('ff00::1').isGlobalUnicast()
ip('::1') == ip('0:0:0:0:0:0:0:1')
string(ip('::1')) == '::1'
isCIDR('192.168.0.0/16') && !isCIDR('192.168.0.0/33')
cidr('192.168.0.0/24').containsIP(ip('192.168.0.1'))
!cidr('192.168.0.0/24').containsIP('192.168.1.1')
cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24'))
!cidr('192.168.1.0/24').containsCIDR('192.168.2.0/24')
cidr('192.168.0.1/24').ip().family() == 4
cidr('192.168.0.1/24') != cidr('192.168.0.1/24').masked()
cidr('::1/128').prefixLength() == 128
!format.dns1123Label().validate('my-label-name').hasValue()
format.dns1123Label().validate('My').hasValue()
!format.dns1123LabelPrefix().validate('my-label-prefix-').hasValue()
!format.qualifiedName().validate('example.org/name').hasValue()
format.qualifiedName().validate('a/b/c').hasValue()
format.uuid().validate('x').value() == ['does not match the UUID format']
format.named('dns1035Label').hasValue() && !format.named('nope').hasValue()
optional.of(3).optMap(x, x + 1).value() == 4
!optional.none().optMap(x, x).hasValue()
optional.of(3).optFlatMap(x, optional.of(x * 2)).value() == 6
!optional.ofNonZeroValue('').hasValue()
format.dns1123Label().validate('a') != null
duration('1s') != null && !(timestamp('2024-01-01T00:00:00Z') == null)
{'a': 1}.?a.orValue(2) == 1
{'a': 1}.?b.orValue(2) == 2
[1][?5].orValue(7) == 7
timestamp('2024-01-01T00:00:00Z') - timestamp('2023-12-31T23:59:00Z') == duration('1m')
string(timestamp('2024-01-01T00:00:00Z')) == '2024-01-01T00:00:00Z'
type(1) == int && type('a') == string
1 < 1.5
[1, 2].exists_one(x, x == 1) && [1, 2].map(x, x > 1, x * 2) == [4]
'has matches' == "has matches" // has( in a comment
r'\\d' == '\\\\d'
'''has(x)''' != ''
`
  .split('\n')
  .filter((line) => line !== '');

describe('the CEL libraries of Kubernetes', () => {
  for (const expression of hold) {
    it(expression, () => {
      assert.equal(evaluate(expression), true);
    });
  }

  const fail: [expression: string, words: RegExp][] = [
    ["quantity('Three') == quantity('1')", /quantities must match the regular expression/],
    ["quantity('9999999999999999999999999999999999999G').asInteger()", /cannot convert value to integer/],
    ['[1].filter(x, x > 1).min()', /min called on empty list/],
    ["ip('1.2.3')", /IP Address "1.2.3" parse error/],
    ["url('https://a:b:c/')", /URL parse error during conversion from string/],
    ['[1, 2][5]', /^index out of bounds: 5$/],
    ["{'a': 1}.b", /^no such key: b$/],
    ['1 / 0', /^division by zero$/],
    ["'a'.matches('(' + '')", /^Illegal regex: /],
    ["'%d'.format(['a'])", /error during formatting/],
    ["'%s %s'.format(['a'])", /index 1 out of range/],
  ];
  for (const [expression, words] of fail) {
    it(`${expression} fails`, () => {
      assert.throws(
        () => evaluate(expression),
        (error) => words.test(runtimeWords(error)),
      );
    });
  }

  it('match by a pattern made to take for ever in the time that the text takes', () => {
    assert.equal(evaluate(`'${'a'.repeat(5000)}!'.matches('^(a+)+$')`), false);
  });
});
